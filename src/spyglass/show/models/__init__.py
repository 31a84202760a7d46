"""What the API answers, as OpenAPI tells it. Answers are written as JSON directly, for speed; `tests/flow/test_answers.py` compares them with these models."""
