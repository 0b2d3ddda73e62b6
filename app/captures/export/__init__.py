"""Files for people and for other programs, each of which tells how to make it again."""
