"""Plans a fix, has people agree on exactly that, applies it once, and proves that it worked."""
