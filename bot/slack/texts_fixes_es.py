"""The Spanish twins of the sentences in `texts_fixes`."""

FIXES_ES: dict[str, str] = {
    # the plan
    "plan.title": "*{title}*",
    "plan.appliance": "*Equipo*\n`{name}` ({product})",
    "plan.finding": "*Hallazgo*\n`{finding}` en {subject}",
    "plan.risk": "*Riesgo*\n{risk}",
    "plan.approvals": "*Aprobaciones necesarias*\n{count}, de otros que quien lo pide",
    "plan.lines": "Se envían exactamente estas líneas",
    "plan.no-undo": "No hay vuelta atrás.",
    "plan.mode": "La sesión está en modo {mode} de su cluster.",
    "plan.sites": "El equipo también sirve a {sites}.",
    "plan.others": "Han iniciado sesión allí además de pvo: {others}.",
    "plan.others-unknown": "No se pudo saber quién más ha iniciado sesión allí.",
    "plan.endpoint": "Se entra en {host}:{port}, cuya clave de host es {key}.",
    "plan.alone": "Nadie más ha iniciado sesión allí.",
    "plan.seen": (
        "Trazado con lo que dijo el equipo el {time} UTC ({age}). Se traza de nuevo justo antes de ejecutarse; "
        "si algo ha cambiado, no se envía nada."
    ),
    # asking for it
    "fix.button": "Corregir…",
    "fix.button.label": "Corregir en {subject}: {title}",
    "fix.later": "El bot puede hacerla: pulse *Comprobar de nuevo* en la tarjeta y pídala en el nuevo hilo.",
    "fix.title": "Corrección",
    "fix.loading": ":hourglass_flowing_sand: Un worker pregunta otra vez a los equipos y traza el plan…",
    "fix.submit": "Pedir aprobación",
    "fix.close": "Cancelar",
    "fix.why": "Por qué ahora",
    "fix.why.hint": "Lo leen los aprobadores y queda en el registro",
    "fix.why-missing": "Diga por qué: lo leen los aprobadores.",
    "fix.busy": ":hourglass_flowing_sand: Pidiendo la aprobación…",
    "fix.gone": "Esta corrección ya no se ofrece. Ejecute `/pvo check SITE` de nuevo.",
    "fix.waits": "Esto ya se ha pedido; su solicitud está en <#{channel}>. `/pvo pending` enlaza con ella.",
    "fix.twice": "La aprobación ya se pidió. Empiece otra vez desde el hallazgo.",
    "fix.no-worker": (
        "Ningún worker trazó el plan a tiempo. Mire en `/pvo health` si hay uno que acepte correcciones e "
        "inténtelo de nuevo."
    ),
    "fix.too-long": (
        "Las líneas son demasiado largas para mostrarlas aquí enteras, así que nadie puede aprobarlas: las escribe "
        "una persona."
    ),
    "fix.place": "La solicitud no se puede publicar en <#{channel}>. {reason}",
    "fix.requested": (
        ":white_check_mark: La solicitud va a <#{channel}>. La tarjeta de la ejecución dirá qué es de ella."
    ),
    "fix.undo": "Deshacer…",
    "fix.undo.label": "Deshacer: {title}",
    # its request
    "request.text": "{site}: {title} en {appliance} – {state}",
    "request.header": "{emoji} {site}: {state}",
    "request.asked": "<@{user}> lo pide: {reason}",
    "request.approved": ":white_check_mark: aprobado por <@{user}>, {time} UTC",
    "request.rejected": ":no_entry: rechazado por <@{user}>, {time} UTC",
    "request.state": "{emoji} *{state}*",
    "request.waits": "Necesita {approvals} de {approvers}; caduca el {time} UTC",
    "request.used": ":key: Un worker usa ahora la aprobación. Vale una sola vez: esta respuesta es lo que lo dice.",
    "request.approve": "Aprobar…",
    "request.approve.label": "Aprobar: {title}",
    "request.reject": "Rechazar…",
    "request.reject.label": "Rechazar: {title}",
    # deciding
    "approve.title": "Aprobar",
    "approve.submit": "Aprobar",
    "approve.loading": ":hourglass_flowing_sand: Leyendo el plan…",
    "approve.meaning": "Con la última aprobación necesaria, un worker envía estas líneas, una sola vez.",
    "approve.busy": ":hourglass_flowing_sand: Registrando su decisión…",
    "approve.done": ":white_check_mark: Aprobado. Un worker lo comprueba todo una vez más y envía las líneas.",
    "approve.more": ":white_check_mark: Aprobado. Todavía necesita {approvals} de otra persona.",
    "reject.title": "Rechazar",
    "reject.submit": "Rechazar",
    "reject.done": ":no_entry: Rechazado. No se envió nada.",
    "count.approval.one": "{count} aprobación",
    "count.approval.many": "{count} aprobaciones",
    # what became of it
    "fix.line": "{emoji} *{state}*: {title} en `{appliance}`, lo pidió <@{user}>.",
    "fix.header": " – corrección: {state}",
    "fix.state.proposed": "se está trazando el plan",
    "fix.state.planned": "planeada",
    "fix.state.requested": "se busca aprobación (approval wanted)",
    "fix.state.queued": "aprobada, a punto de ejecutarse",
    "fix.state.started": "se están enviando las líneas",
    "fix.state.waiting": "en espera de la prueba (waiting for proof)",
    "fix.state.verified": "comprobada (verified)",
    "fix.state.undone": "comprobado que se deshizo (verified)",
    "fix.state.not-resolved": "sin resolver (not resolved)",
    "fix.state.could-not-tell": "no se pudo saber (could not tell)",
    "fix.state.rejected": "rechazada (rejected)",
    "fix.state.refused": "denegada (refused)",
    "fix.state.expired": "caducada (expired)",
    "fix.state.lapsed": "vencida (lapsed)",
    # what waits
    "pending.text": "Esperan: {count}",
    "pending.none": "Nada espera aprobación, ni un worker, ni una prueba.",
    "pending.line": "{emoji} *{title}* en `{appliance}`, {site}: {state}; lo pidió <@{user}>",
    "pending.until": "; necesita {approvals}, caduca el {time} UTC",
    "pending.link": "<{url}|verlo>",
    "pending.more": "… y {count} más.",
    "home.pending": "Esperan a personas o una prueba",
}
