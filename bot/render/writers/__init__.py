"""Each writes any tree, or the data of any document, for one kind of reader; it knows no document."""
