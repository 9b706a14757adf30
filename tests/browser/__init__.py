"""The dashboard as somebody sees it, in Debian's Chromium, with a `fig dev` behind it."""
