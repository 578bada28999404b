"""Ids that are made."""

import os
from uuid import RFC_4122, UUID

from accord.identifiers import new_uuid


def test_made_ids_are_uuids_of_version_4_as_they_are_written() -> None:
    ids = {new_uuid() for _ in range(1000)}
    assert len(ids) == 1000
    for made in ids:
        read = UUID(made)
        assert (read.version, read.variant, str(read)) == (4, RFC_4122, made)


def test_a_forked_process_makes_other_ids() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_uuid().encode())
        os._exit(0)
    own = new_uuid()
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        os.close(writing)
        assert pipe.read() != own
