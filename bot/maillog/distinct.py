"""How many different ids were seen: one bit an id, for appliances count them up."""

from collections import OrderedDict
from dataclasses import dataclass, field

_BITS = 4096
_CHUNKS = 16_384
"""Chunks kept, 8 MiB of bits: more than sixty million messages of one appliance."""


@dataclass(slots=True)
class Distinct:
    """A set of ids; those of chunks that were not touched for longest are forgotten when there are too many."""

    count: int = 0
    _chunks: OrderedDict[int, bytearray] = field(default_factory=OrderedDict)

    def add(self, number: int) -> bool:
        """Whether the id is new."""
        place, bit = divmod(number, _BITS)
        chunk = self._chunks.get(place)
        if chunk is None:
            chunk = self._begin(place)
        byte, mask = bit >> 3, 1 << (bit & 7)
        if chunk[byte] & mask:
            return False
        chunk[byte] |= mask
        self.count += 1
        return True

    def update(self, other: "Distinct") -> None:
        """Add all ids of another set."""
        for place, theirs in other._chunks.items():
            chunk = self._chunks.get(place) or self._begin(place)
            both = int.from_bytes(chunk, "little") | int.from_bytes(theirs, "little")
            self.count += both.bit_count() - int.from_bytes(chunk, "little").bit_count()
            chunk[:] = both.to_bytes(len(chunk), "little")

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, _BITS)
        chunk = self._chunks.get(place)
        return chunk is not None and bool(chunk[bit >> 3] & 1 << (bit & 7))

    def _begin(self, place: int) -> bytearray:
        if len(self._chunks) >= _CHUNKS:
            self._chunks.popitem(last=False)
        return self._chunks.setdefault(place, bytearray(_BITS // 8))
