"""A camera: it looks at the screen all the time, so that a slow reader misses nothing."""
import queue
import threading
import time

# Between two pictures.
PAUSE = 0.1


class Camera:
    """Takes pictures from `with` on, until the time is up or the block is left.

    Reading a picture takes longer than many a bubble is up, on a busy machine. So one thread takes
    the pictures, and another reads them, later if it must: what counts is when a picture was taken.
    """

    def __init__(self, take, seconds):
        self.take, self.seconds = take, seconds
        self.taken, self.enough, self.failure = queue.LifoQueue(), threading.Event(), None
        self.thread = threading.Thread(target=self.work, daemon=True)
        # The longest time between two pictures.
        self.blind = 0.0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.enough.set()
        self.thread.join()

    def work(self):
        """Takes pictures, and keeps each that differs from the one before it."""
        end = time.monotonic() + self.seconds
        number, before, at = 0, None, time.monotonic()
        try:
            while not self.enough.is_set():
                picture = self.take()
                self.blind, at = max(self.blind, time.monotonic() - at), time.monotonic()
                if picture != before:
                    number, before = number + 1, picture
                    self.taken.put((number, picture))
                if time.monotonic() > end:
                    break
                self.enough.wait(PAUSE)
        except Exception as failure:  # It belongs to whoever reads the pictures.
            self.failure = failure

    def pictures(self):
        """Each picture with its number, the newest first of those that are there; one at least."""
        while True:
            at_work = self.thread.is_alive()
            try:
                yield self.taken.get(timeout=PAUSE)
            except queue.Empty:
                if not at_work:
                    break
        if self.failure:
            raise self.failure
