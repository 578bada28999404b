"""The review: its words, its page, and the page in a browser."""
