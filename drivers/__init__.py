"""One module per kind of hardware behind two small protocols, Stage and Camera."""
