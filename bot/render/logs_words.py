"""The words that the report on log files adds of its own, one table a language with the same keys."""

from dataclasses import dataclass

ENGLISH = {
    "title": "Mail logs",
    "nothing": "nothing wrong",
    "wrong": "something is wrong",
    "untold": "could not tell: lines about CPQ have forms that are not known",
    "empty": "could not tell: no line was read",
    "read": "{lines} lines, {first} to {last}, from {files}.",
    "left-out": "Left out, another file holds the same lines: {files}.",
    "counts": "Counts",
    "peer": "Peer",
    "all": "all",
    "sent": "Sent",
    "received": "Received",
    "quarantine": "Quarantine",
    "connections": "connections",
    "tls_ok": "TLS ok",
    "tls_failed": "TLS failed",
    "connection_errors": "connection errors",
    "started": "started",
    "done": "done",
    "delayed": "delayed",
    "bounced": "bounced",
    "messages": "messages",
    "accepted": "accepted",
    "rejected": "rejected",
    "enqueued": "enqueued",
    "released": "released",
    "released_queue_full": "released early, queue full",
    "deleted": "deleted",
    "reasons": "Reasons",
    "reasons.columns": "kind | count | reason | first | last",
    "followed": "Messages followed",
    "followed.columns": "ESA | MID | enqueued | SMA MID | left | how | new MID | returned",
    "unknown": "Lines of unknown form that may concern CPQ: {count}",
    "plot": "CPQ over time",
    "plot.done": "delivered",
    "plot.failed": "failed",
    "plot.waiting": "waiting (growth since the beginning)",
    "plot.step": "each step {minutes} min; times are the appliance's",
    "plot.empty": "no CPQ event with a time",
}

SPANISH = {
    "title": "Registros de correo",
    "nothing": "nada va mal",
    "wrong": "algo va mal",
    "untold": "no se pudo saber: hay líneas sobre CPQ de formas desconocidas",
    "empty": "no se pudo saber: no se leyó ninguna línea",
    "read": "{lines} líneas, de {first} a {last}, de {files}.",
    "left-out": "Omitidos, otro archivo contiene las mismas líneas: {files}.",
    "counts": "Recuentos",
    "peer": "Par",
    "all": "todos",
    "sent": "Enviado",
    "received": "Recibido",
    "quarantine": "Cuarentena",
    "connections": "conexiones",
    "tls_ok": "TLS correcto",
    "tls_failed": "TLS fallido",
    "connection_errors": "errores de conexión",
    "started": "iniciados",
    "done": "entregados",
    "delayed": "retrasados",
    "bounced": "rebotados",
    "messages": "mensajes",
    "accepted": "aceptadas",
    "rejected": "rechazadas",
    "enqueued": "en cola",
    "released": "liberados",
    "released_queue_full": "liberados antes de tiempo, cola llena",
    "deleted": "eliminados",
    "reasons": "Motivos",
    "reasons.columns": "tipo | cantidad | motivo | primero | último",
    "followed": "Mensajes seguidos",
    "followed.columns": "ESA | MID | en cola | MID en la SMA | salida | cómo | MID nuevo | vuelta",
    "unknown": "Líneas de forma desconocida que quizá traten de CPQ: {count}",
    "plot": "CPQ en el tiempo",
    "plot.done": "entregados",
    "plot.failed": "fallidos",
    "plot.waiting": "en espera (aumento desde el comienzo)",
    "plot.step": "cada paso {minutes} min; horas del equipo",
    "plot.empty": "ningún evento de CPQ con hora",
}

TABLES = {"en": ENGLISH, "es": SPANISH}


@dataclass(frozen=True, slots=True)
class LogWords:
    """Speaks one language about log files; KeyError for a language without a table."""

    language: str

    def say(self, key: str, /, **values: object) -> str:
        """The phrase `key` with its placeholders filled."""
        return TABLES[self.language][key].format(**values)
