"""What a command raises when it can't begin; every package's commands share it."""


class UsageError(ValueError):
    """Nothing could be done: bad usage or input, said in one clear sentence.

    The command line prints the sentence on stderr and ends with exit code 2.
    """
