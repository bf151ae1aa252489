import os

from photochrom.batch.journal import Entry, Fingerprint, Journal


def test_the_journal_keeps_names_that_are_not_utf_8(tmp_path) -> None:
    odd = os.fsdecode(b"caf\xe9.png")
    entry = Entry(odd, Fingerprint(1, 2, "3"), "recipe", "output")
    with Journal(tmp_path) as journal:
        journal.note(tmp_path / odd, entry)
        journal.begin(tmp_path / odd, tmp_path / f"2{odd}")
        journal.give_up(tmp_path / f"2{odd}")
    with Journal(tmp_path) as journal:
        assert journal.entry(tmp_path / odd) == entry
        assert not journal.wrote(tmp_path / f"2{odd}")
