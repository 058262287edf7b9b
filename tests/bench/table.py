# SPDX-License-Identifier: BSD-2-Clause
"""Plain text tables, a row at a time, so that a long run shows what it has."""


class Table:
    """columns: pairs of heading and width; the first column is left-aligned."""

    def __init__(self, title, columns):
        self.columns = columns
        print(f"\n{title}\n")
        self.row(*[heading for heading, _ in columns])
        self.row(*["-" * width for _, width in columns])

    def row(self, *cells):
        line = []
        for index, (cell, (_, width)) in enumerate(zip(cells, self.columns)):
            text = f"{cell:.2f}" if isinstance(cell, float) else str(cell)
            line.append(text.ljust(width) if index == 0 else text.rjust(width))
        print("  ".join(line).rstrip(), flush=True)
