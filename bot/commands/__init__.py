"""The commands of `pvo` that a person runs in a terminal; `cli` puts them together."""
