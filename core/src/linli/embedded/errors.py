"""The one error of the embedded servers."""


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot run; the message says why and what the operator can do.

    It is raised before the platform serves anybody, so it is a sentence for a terminal and
    not a problem with a code for a caller.
    """
