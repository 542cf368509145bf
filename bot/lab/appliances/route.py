"""One CPQ path from a sender to a receiver, and the part of the sender's queue that waits for it."""

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.network import Endpoint, Network
from bot.lab.appliances.parts import Destination, Message, Waiting


class Route:
    """Safe to use from any thread. The destination object may serve other routes of the sender too."""

    def __init__(self, sender: Appliance, receiver: Appliance, network: Network) -> None:
        self.sender = sender
        self.receiver = receiver
        self.network = network

    @property
    def endpoint(self) -> Endpoint:
        """Where the receiver's CPQ listener is expected."""
        port = self.sender.dials.get(self.receiver.name, self.receiver.cpq.port)
        return self.receiver.address, port

    def waiting(self) -> list[Message]:
        """What waits for this receiver, oldest first."""
        with self.sender.lock:
            return [entry.message for entry in self._waiting]

    def enqueue(self, message: Message) -> None:
        """Put a message into the sender's queue."""
        with self.sender.lock:
            entry = Waiting(self.receiver.address, message, self.sender.clock())
            self._destination.waiting.append(entry)

    def note_delivered(self, message: Message) -> None:
        """The receiver has taken the message: it leaves the queue."""
        with self.sender.lock:
            self._destination.waiting.remove(
                next(entry for entry in self._waiting if entry.message == message)
            )
            self._destination.delivered += 1

    def note_begin(self) -> None:
        """An attempt begins."""
        with self.sender.lock:
            self._destination.connections += 1

    def note_end(self, failed: bool) -> None:
        """An attempt has ended; a failed one marks the destination as down."""
        with self.sender.lock:
            self._destination.connections -= 1
            if failed:
                self._destination.down.add(self.receiver.address)
                self._destination.soft_bounced += 1
                for entry in self._waiting:
                    entry.attempts += 1
            else:
                self._destination.down.discard(self.receiver.address)

    @property
    def _waiting(self) -> list[Waiting]:
        return [entry for entry in self._destination.waiting if entry.hop == self.receiver.address]

    @property
    def _destination(self) -> Destination:
        return self.sender.destination(self.sender.cpq_host)
