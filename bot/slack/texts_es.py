"""The Spanish twins of the sentences in `texts`: the same keys in the same order, the same placeholders."""

SPANISH: dict[str, str] = {
    # commands
    "help": (
        "`/pvo` averigua por qué el correo está detenido entre los ESA y su cuarentena centralizada, y dice qué "
        "hacer.\n"
        "• `/pvo check SITE` consulta ambos lados de un sitio, por ejemplo `/pvo check site-a`\n"
        "• `/pvo check SITE AREA…` revisa solo algunas áreas: {areas}\n"
        "• `/pvo status` o `/pvo status SITE` da los últimos veredictos sin consultar nada\n"
        "• `/pvo history SITE` muestra cómo ha estado un sitio\n"
        "• `/pvo pending` muestra las correcciones que esperan aprobación o una prueba\n"
        "• `/pvo watch SITE on` o `/pvo watch SITE off` lo comprueba periódicamente y avisa de lo que cambia\n"
        "• `/pvo mute SITE DURATION REASON` silencia su vigilancia, por ejemplo `/pvo mute site-a 2h upgrade`\n"
        "• `/pvo explain FINDING` dice qué significa un hallazgo y todas sus soluciones\n"
        "• `/pvo sites` muestra los sitios, `/pvo health` dice cómo está el propio bot\n"
        "• `/pvo help` muestra esta ayuda"
    ),
    "command.unknown": "No existe `/pvo {word}`.{nearest} `/pvo help` muestra lo que hay.",
    "command.extra": "`/pvo {command}` no lleva nada detrás; `/pvo help` muestra cómo se escribe.",
    "command.site-missing": "¿Qué sitio? Escriba `/pvo check SITE`; `/pvo sites` los muestra.",
    "area.unknown": "No existe el área `{word}`.{nearest} Las áreas son {areas}.",
    "command.foreign": "Este bot solo responde a `/pvo`, no a `{command}`.",
    "site.unknown": "No existe el sitio `{word}`.{nearest} `/pvo sites` los muestra.",
    "nearest": " ¿Quiso decir {words}?",
    "nearest.or": " o ",
    "sites": "Estos sitios se pueden comprobar con `/pvo check SITE`:\n{lines}",
    "sites.line": "• `{name}` – {title}: {sma} y {esas}",
    "asked": "`{command}` – recibido, para *{title}*.",
    "asked.joined": "*{title}* ya se está comprobando: {link}.",
    "asked.joined.unposted": (
        "*{title}* ya se está comprobando; su tarjeta está por aparecer en este canal."
    ),
    "link": "<{url}|vea su tarjeta>",
    "store.down": (
        "El bot no llega a su almacén de trabajos (Redis), así que no puede prometer nada: "
        "si en medio minuto no aparece ninguna tarjeta, ejecute `{command}` de nuevo."
    ),
    "store.away": (
        "El bot no llega a su almacén de trabajos (Redis), así que no se hizo nada. Inténtelo de nuevo en un "
        "momento y avise al administrador del bot si persiste."
    ),
    "failed": (
        "Algo falló en el propio bot al atender esto; su log dice qué. "
        "Ejecute `/pvo check SITE` de nuevo y, si vuelve a ocurrir, avise al administrador del bot."
    ),
    # refusals
    "refused.unlisted": (
        "Usted no puede usar este bot: su id de Slack {user} no figura entre los operadores de su inventario "
        "([access] operators en sites.toml). Consulte al administrador del bot."
    ),
    "refused.team": "Solo pueden usar este bot los miembros del espacio de trabajo que lo instaló.",
    "refused.bot": "Los bots no pueden usar este bot.",
    "refused.deleted": "Esta cuenta está desactivada, así que no puede usar este bot.",
    "refused.guest": "Los invitados no pueden usar este bot, aunque su inventario los incluya.",
    "refused.shared": (
        "Este canal se comparte con otra organización, así que aquí no se ejecuta ni se muestra nada. "
        "Pídalo en un canal de su propio espacio de trabajo."
    ),
    "refused.absent": (
        "El bot no está en este canal, así que no se ejecutó nada. Invítelo primero: `/invite <@{bot}>`"
    ),
    "refused.archived": "Este canal está archivado, así que no se ejecutó nada.",
    "refused.scope": (
        "El bot no puede pedir {method} a Slack (falta el scope {scope}), así que no se ejecutó nada. "
        "Su administrador tiene que agregar el scope e instalar la app de nuevo."
    ),
    "refused.lookup": (
        "Slack no respondió a {method} ({error}), así que no se ejecutó nada. Inténtelo de nuevo en un momento."
    ),
    # the card
    "verdict.healthy": "sano (healthy)",
    "verdict.degraded": "degradado (degraded)",
    "verdict.broken": "averiado (broken)",
    "verdict.unknown": "no se pudo determinar (unknown)",
    "card.header": "{emoji} {title}: {state}",
    "card.text": "{title}: {state}",
    "card.text.causes": "{title}: {state} – {causes}",
    "card.queued": "en cola",
    "card.queued.body": "A la espera de un worker.",
    "card.running": "en curso",
    "card.running.counted": "en curso {done}/{total}",
    "card.running.body": "Consultando ambos lados del sitio.",
    "card.lost": "sin terminar",
    "card.lost.body": "{reason} No se puede decir nada del sitio; compruébelo de nuevo.",
    "card.lost.unexplained": "Ningún worker pudo terminar esta ejecución.",
    "card.refused": "no se ejecutó",
    "card.healthy.body": "Todo correcto; superadas: {checks}.",
    "card.healthy.notes": "Todo correcto; superadas: {checks}. En el hilo hay {findings} para tener en cuenta.",
    "card.explained.body": "Algo anda mal, y su causa es conocida y aceptada; el hilo dice cuál.",
    "card.unknown.body": "No se pudo determinar si pasa el correo.",
    "card.cause.one": "La causa",
    "card.cause.many": "Las {count} causas",
    "card.cause.more": "y {count} más, vea el hilo",
    "card.explains": "En el hilo están las pruebas, qué hacer y {findings}.",
    "card.thread": "En el hilo están las pruebas y qué hacer.",
    "card.on": " en {subject}",
    "card.open": "No se pudo determinar: {checks}. El hilo dice por qué.",
    "card.oldest": "mensaje más antiguo: {age}",
    "card.bounces": "el correo rebota a partir del {time} UTC",
    "card.asked-by": "solicitado por <@{user}>",
    "card.scheduled": "comprobación programada",
    "card.over": "Estuvo {state} del {since} al {until} UTC.",
    "card.since": "No está sano desde el {since} UTC; última comprobación: {at} UTC.",
    "card.also": "También en este canal:\n{lines}",
    "card.areas": "solo {areas}",
    "card.repeats": "<{url}|comprobación anterior>",
    "card.took": "tardó {seconds} s",
    "card.again": "Comprobar de nuevo",
    "card.details": "Detalles",
    "card.again.label": "Comprobar de nuevo: {title}",
    "card.details.label": "Detalles: cada hallazgo de {title} con pruebas y pasos",
    "card.share": "Compartir",
    "card.share.label": "Compartir el veredicto de {title} en otro canal",
    "path.quarantine": "Cuarentena, ESA → SMA",
    "path.release": "Liberación, SMA → ESA",
    "path.command": "Comandos, SMA → ESA",
    "path.ok": "bien",
    "path.failed": "falla",
    "path.unknown": "sin determinar",
    "path.line": "{emoji} {sender} → {receiver} {status}",
    "path.all-ok": "{emoji} las {count} bien",
    "path.others-ok": "{emoji} las demás ({count}) bien",
    "path.more": "… y {count} más",
    # the thread
    "area.connectivity": "Conectividad",
    "area.setup": "Configuración",
    "area.tls": "TLS",
    "area.queue": "Colas",
    "area.log": "Logs de correo",
    "thread.text": "{area}: {findings}",
    "thread.cause": "Causa",
    "thread.consequence": "Consecuencia",
    "thread.note": "Nota",
    "thread.critical": "crítica",
    "thread.warning": "advertencia",
    "thread.info": "información",
    "thread.planned": "en una ventana de mantenimiento",
    "thread.accepted": "conocida y aceptada",
    "thread.explained": "a causa de ",
    "thread.evidence": "Visto en {appliance}, {command}, {time} UTC",
    "thread.fix": "Qué hacer: {title}",
    "thread.commands": "Comandos",
    "thread.undo": "Para deshacerlo",
    "thread.effect": "Efecto: {effect}",
    "thread.risk": "Riesgo: {risk}",
    "thread.risk.low": "bajo",
    "thread.risk.medium": "medio",
    "thread.risk.high": "alto",
    "thread.source": "Fuente: {source}",
    "thread.enter": "(Enter)",
    "thread.open": "{check} en {subject}: no se pudo determinar; {reason}",
    "thread.open.unexplained": "no se indicó ningún motivo",
    "thread.more": "… y {count} más; el archivo del informe, abajo, los tiene todos.",
    "thread.cut": "… cortado; el archivo del informe lo tiene todo",
    "file.picture": "Caminos de {title}, ejecución {run}",
    "file.title": "Informe completo de {title}, ejecución {run}",
    # counted things
    "count.check.one": "{count} comprobación",
    "count.check.many": "{count} comprobaciones",
    "count.finding.one": "{count} hallazgo",
    "count.finding.many": "{count} hallazgos",
    "count.consequence.one": "{count} consecuencia",
    "count.consequence.many": "{count} consecuencias",
    "count.open.one": "{count} comprobación sin determinar",
    "count.open.many": "{count} comprobaciones sin determinar",
    "count.waiting.one": "espera {count} destinatario",
    "count.waiting.many": "esperan {count} destinatarios",
    # the modal and old buttons
    "details.title": "Detalles",
    "details.close": "Cerrar",
    "details.loading": ":hourglass_flowing_sand: Leyendo el informe de esta ejecución…",
    "details.unfinished": (
        "Esta ejecución aún no tiene informe; abra los detalles de nuevo cuando la tarjeta muestre un veredicto."
    ),
    "details.gone": "El informe de esta ejecución ya no se conserva. Compruebe el sitio de nuevo para tener otro.",
    "details.none": "Ningún hallazgo: todo lo que se consultó está como debe.",
    "details.more": "… y {count} más; el archivo del informe, en el hilo, los tiene todos.",
    "details.store": (
        "El bot no llega a su almacén de trabajos (Redis). "
        "Cierre esta ventana y pulse Detalles de nuevo en un momento."
    ),
    "details.late": "Slack dio al bot muy poco tiempo para abrir la ventana. Pulse Detalles de nuevo.",
    "button.gone": "Esta ejecución ya no se conserva. Ejecute `/pvo check SITE` de nuevo.",
    "button.old": "Este botón es de un mensaje anterior. Ejecute `/pvo check SITE` de nuevo.",
}
