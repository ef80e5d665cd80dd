"""Signals that end a measurement: they become an exception, so that whatever was started is ended on the way out."""
import contextlib
import signal

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal asks to end."""

    def __init__(self, number):
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.number = number


def become_exceptions():
    """For the main thread, from now on."""
    for number in ENDING:
        signal.signal(number, _interrupt)


@contextlib.contextmanager
def held():
    """Within it they do nothing: cleaning up is not interrupted a second time. Not ignored, as children would inherit that."""
    before = {number: signal.signal(number, _nothing) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number, _):
    raise Interrupted(number)


def _nothing(*_):
    pass
