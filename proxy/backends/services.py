"""The AWS services that the request path asks, each made on first use over one transport and in one name."""

from typing import TYPE_CHECKING

from proxy.settings import Settings

if TYPE_CHECKING:
    from proxy.aws.call import Ask, Client, CredentialSource
    from proxy.backends.exchange import Exchange


class Services:
    """Makes clients of AWS with the function's own credentials."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._exchange: Exchange | None = None
        self._credentials: CredentialSource | None = None
        self._clients: dict[str, Client] = {}

    def dynamodb(self) -> "Client":
        """Return the client of DynamoDB."""
        return self._client("dynamodb", self._settings.dynamodb_url)

    def functions(self) -> "Client":
        """Return the client of Lambda."""
        return self._client("lambda", self._settings.lambda_url)

    def close(self) -> None:
        """Close every connection; the next call makes new ones."""
        if self._exchange is not None:
            self._exchange.close()

    def _client(self, service: str, url: str) -> "Client":
        client = self._clients.get(service)
        if client is None:
            client = self._clients[service] = self._made(service, url)
        return client

    def _made(self, service: str, url: str) -> "Client":
        # A function whose table is a file and whose handlers are its own never loads any of this.
        from proxy.aws.call import Client
        from proxy.aws.sigv4 import Scope
        from proxy.backends.exchange import Exchange

        if self._exchange is None:
            self._exchange = Exchange()
            self._credentials = self._source(self._exchange)
        assert self._credentials is not None, "made with the exchange"
        return Client(self._exchange, self._credentials, url, Scope(self._settings.region, service))

    def _source(self, ask: "Ask") -> "CredentialSource":
        from proxy.aws.credentials import ContainerEndpoint, Credentials, credential_source

        settings = self._settings
        given = Credentials(settings.access_key, settings.secret_key, settings.session_token)
        endpoint = ContainerEndpoint(
            settings.credentials_url, settings.credentials_token, settings.credentials_token_file
        )
        return credential_source(given, endpoint, ask)
