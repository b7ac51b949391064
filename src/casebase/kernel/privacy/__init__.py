"""Personal data: what is masked before it is stored, in the database as well as in front of it."""
