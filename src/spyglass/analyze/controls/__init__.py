"""Controls: what somebody who answers for agents must be able to show, each a versioned check over the store. SQL files beside the list of them."""
