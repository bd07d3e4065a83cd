"""What a fake peer saw, a line a message, so that a test can count what was lost and what came twice."""
import threading
import time


class Observer:
    """Appends `time id note` to a file; whole lines, from any thread."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1)
        self.lock = threading.Lock()

    def saw(self, identity, note=""):
        with self.lock:
            self.file.write(f"{time.time():.6f} {identity} {note}\n")
