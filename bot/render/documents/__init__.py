"""What each document says, as a tree. A new document is one function here; it knows no writer."""
