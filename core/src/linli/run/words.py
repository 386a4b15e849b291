"""What `linli run` says: short lines, Chinese first, English beside it."""

from __future__ import annotations

import time

import click


class Voice:
    """Prints lines with the seconds since the start, so that long work is seen to go on."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def step(self, zh: str, en: str = "") -> None:
        """Say what is being done."""
        self._line(f"{zh}  {en}" if en else zh)

    def detail(self, text: str) -> None:
        """Say a detail of the step under way; fits as a progress callback."""
        self._line(f"  {text}")

    def plain(self, text: str = "") -> None:
        """Say something without the time."""
        click.echo(text)

    def failure(self, zh: str, en: str) -> None:
        """Say why it does not go on."""
        click.echo(f"✗ {zh}\n  {en}", err=True)

    def _line(self, text: str) -> None:
        click.echo(f"[{time.monotonic() - self._begun:6.1f} s] {text}")
