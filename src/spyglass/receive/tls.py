"""Certificates of the ports.

In: paths of the settings. Out: what uvicorn and gRPC want, checked; or an error that names the file.
"""

from __future__ import annotations

import ssl

from spyglass.model.errors import ConfigError
from spyglass.receive.grpc import Credentials, credentials
from spyglass.receive.settings import Tls

__all__ = ["grpc_credentials", "http_context"]


def http_context(tls: Tls) -> ssl.SSLContext:
    """For the HTTP port.

    Raises:
        ConfigError: a file is not there, or certificate and key do not fit.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ConfigError(
            f"receive.tls_certificate, receive.tls_key: {tls.certificate} and {tls.key} are not a PEM certificate and its key: {error}"
        ) from error
    # h2 is taken only from clients that speak nothing else: gRPC's, who are to hear that they are at the wrong port.
    context.set_alpn_protocols(["http/1.1", "h2"])
    return context


def grpc_credentials(tls: Tls) -> Credentials:
    """For the gRPC port.

    Raises:
        ConfigError: a file is not there, or certificate and key do not fit.
    """
    http_context(tls)  # gRPC would find out at the first connection
    return credentials(tls.certificate.read_bytes(), tls.key.read_bytes())
