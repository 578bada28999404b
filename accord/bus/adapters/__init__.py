"""The ports of the bus over real servers, and their in-memory twins; the rest of the bus never looks here."""
