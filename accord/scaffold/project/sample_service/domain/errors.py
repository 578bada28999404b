"""What a use case can refuse."""

__all__ = ["NoteNotFound"]


class NoteNotFound(Exception):
    """Nothing is kept under this id."""

    def __init__(self, note_id: int) -> None:
        super().__init__(f"There is no note {note_id}.")
