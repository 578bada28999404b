"""The Sample Service: keeps notes, and tells of them."""
