"""stub"""


def doctor(): ...
