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

    def secrets(self) -> "Client":
        """Return the client of Secrets Manager."""
        # Another version of the JSON protocol than DynamoDB's. Source: botocore's service models.
        return self._client("secretsmanager", self._settings.secrets_url, b"1.1")

    def renew(self) -> None:
        """Forget connections and credentials, and whatever else was good in another life of this environment."""
        # In place: whoever was handed a client keeps it.
        if self._exchange is not None:
            self._exchange.close()
        forget = getattr(self._credentials, "forget", None)  # those of the environment are for ever
        if forget is not None:
            forget()

    def _client(self, service: str, url: str, json_version: bytes = b"1.0") -> "Client":
        client = self._clients.get(service)
        if client is None:
            client = self._clients[service] = self._made(service, url, json_version)
        return client

    def _made(self, service: str, url: str, json_version: bytes) -> "Client":
        # A function whose table is a file and whose handlers are its own never loads any of this.
        from proxy.aws.call import Client
        from proxy.aws.sigv4 import Scope
        from proxy.backends.exchange import Exchange

        if self._exchange is None:
            self._exchange = Exchange()
            self._credentials = self._source(self._exchange)
        assert self._credentials is not None, "made with the exchange"
        scope = Scope(self._settings.region, service)
        return Client(self._exchange, self._credentials, url, scope, json_version=json_version)

    def _source(self, ask: "Ask") -> "CredentialSource":
        from proxy.aws.credentials import ContainerEndpoint, Credentials, credential_source

        settings = self._settings
        given = Credentials(settings.access_key, settings.secret_key, settings.session_token)
        endpoint = ContainerEndpoint(
            settings.credentials_url, settings.credentials_token, settings.credentials_token_file
        )
        return credential_source(given, endpoint, ask)
