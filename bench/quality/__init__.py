"""How well the analyzers judge, on public sets that others made and labelled: `python -m bench.quality [--data DIR] [SET…]`."""
