"""The Books Service: owns the books and their links to authors."""
