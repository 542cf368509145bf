"""The appliance's command line without I/O: feed it text, it says what to send."""
