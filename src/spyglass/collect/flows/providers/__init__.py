"""One file for each way of asking a model: does this exchange speak it, and what does it say."""
