import threading

import pytest

from photochrom.storage import read_ahead, read_once


def test_what_is_read_ahead_is_given_once() -> None:
    threads = []
    read_ahead("key", lambda: threads.append(threading.current_thread()) or "ahead")
    assert read_once("other", lambda: "now") == "now"
    assert read_once("key", lambda: "now") == "ahead"
    assert threads != [threading.current_thread()]
    assert read_once("key", lambda: "now") == "now"


def test_what_went_wrong_ahead_is_told_to_who_asks() -> None:
    read_ahead("key", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read_once("key", lambda: "now")
    assert read_once("key", lambda: "now") == "now"
