"""The Spanish twins of the sentences in `texts_sites`: the same keys in the same order, the same placeholders."""

SITES_ES: dict[str, str] = {
    # how sites are
    "site.line": "{emoji} *{title}* (`{name}`): {state}",
    "site.never": "sin comprobar todavía",
    "site.ago": "hace {age}",
    "site.at": "comprobado el {time} UTC",
    "site.now": "ahora mismo",
    "site.cause": "{cause}",
    "site.causes": "{cause} y {count} más",
    "site.muted": ":mute: silenciado hasta el {until} UTC por <@{user}>: {reason}",
    "site.watched": ":calendar: vigilado (`{cron}`, {timezone}); los cambios se anuncian en <#{channel}>",
    "site.watched-nowhere": ":calendar: vigilado (`{cron}`, {timezone}); sin canal para sus cambios",
    "status.text": "Últimos veredictos: {counts}",
    "status.none": "ningún sitio en el inventario",
    "history.text": "{title}: {count} comprobaciones completas, del {first} al {last} UTC",
    "history.none": "*{title}* todavía no se ha comprobado por completo. Ejecute `/pvo check {name}`.",
    "history.strip": "Veredictos, del más antiguo al más reciente: {strip}",
    "history.waiting": "Destinatarios en espera, de 0 a {most}: `{line}`",
    "history.changes": "Cambios, el más reciente primero:",
    "history.change": "• {time} UTC: {emoji} {state}{cause}",
    # watch and mute
    "watch.how": "Escriba `/pvo watch SITE on` o `/pvo watch SITE off`.",
    "watch.on": (
        "*{title}* está vigilado (`{cron}`, {timezone}). Su resumen y sus cambios van a <#{channel}>; "
        "la primera comprobación está en camino."
    ),
    "watch.off": "*{title}* ya no está vigilado.",
    "mute.how": (
        "Escriba `/pvo mute SITE DURATION REASON`: la duración como 30m, 2h o 1d, 30d como máximo; "
        "`/pvo mute SITE off` lo termina."
    ),
    "mute.duration": "`{word}` no es una duración: escríbala como 30m, 2h o 1d, 30d como máximo.",
    "mute.reason": "Diga por qué: `/pvo mute {site} {duration} REASON`. Los demás lo verán.",
    "mute.on": "*{title}* está silenciado hasta el {until} UTC: se sigue vigilando, pero no se anuncian cambios.",
    "mute.off": "*{title}* ya no está silenciado.",
    # digests and changes
    "digest.text": "Sitios vigilados: {counts}",
    "digest.none": "En este canal ya no se vigila ningún sitio.",
    "digest.more": "… y {count} más; `/pvo status` los muestra todos.",
    "digest.what": "Se edita tras cada comprobación. Solo se publican los cambios.",
    "change.text": "{title}: {state} desde el {time} UTC{cause}",
    "change.over": "{title}: {state} de nuevo desde el {time} UTC, tras {age}",
    "change.cause": " – {cause}",
    # explain
    "explain.unknown": "No existe el hallazgo `{word}`.{nearest}",
    "explain.missing": "¿Qué hallazgo? Escriba `/pvo explain FINDING`; las tarjetas y los hilos los nombran.",
    "explain.explains": "Explica: {ids}",
    "explain.explained-by": "Se explica por: {ids}",
    "explain.more": "… y {count} soluciones más; `pvo explain` en una terminal las tiene todas.",
    # sharing
    "share.title": "Compartir el veredicto",
    "share.submit": "Compartir",
    "share.close": "Cancelar",
    "share.where": "Dónde",
    "share.pick": "Elija un canal",
    "share.preview": "Lo que se verá allí:",
    "share.busy": ":hourglass_flowing_sand: Compartiendo…",
    "share.same": "La tarjeta ya está en ese canal.",
    "share.refused": "No se compartió nada. {reason}",
    "share.failed": "Slack no lo aceptó ({reason}), así que no se compartió nada. Inténtelo de nuevo en un momento.",
    "share.twice": "Esto ya se compartió allí.",
    "share.shared": ":white_check_mark: Compartido en <#{channel}>: <{url}|véalo allí>.",
    "share.by": "compartido por <@{user}>",
    "share.card": "compartido por <@{user}>, <{url}|todo el informe>",
    "share.log": ":arrow_right: <@{user}> compartió esto en <#{channel}>: <{url}|véalo allí>.",
    # starting a check from the home tab or a message
    "start.title": "Comprobar un sitio",
    "start.submit": "Comprobar",
    "start.where": "Dónde va la tarjeta",
    "start.busy": ":hourglass_flowing_sand: Solicitando una comprobación de *{title}*…",
    "start.started": ":white_check_mark: *{title}* se está comprobando en <#{channel}>.",
    "start.joined": ":white_check_mark: *{title}* ya se está comprobando en <#{channel}>.",
    "shortcut.none": "Ese mensaje no nombra ningún sitio del inventario. Ejecute `/pvo check SITE`.",
    "shortcut.many": "Ese mensaje nombra varios sitios: {sites}. Ejecute `/pvo check SITE` con el que corresponda.",
    # the home tab
    "home.sites": "Sitios",
    "home.refused": "Aquí solo los operadores ven los sitios. {reason}",
    "home.hint": "`/pvo help` en cualquier canal del bot muestra qué más hay.",
    "home.more": "… y {count} más; `/pvo status` los muestra todos.",
    "home.refresh": "Actualizar",
    "home.check": "Comprobar",
    "home.check.label": "Comprobar: {title}",
    "home.store": "El bot no llega a su almacén de trabajos (Redis). Abra esta pestaña de nuevo en un momento.",
    # health
    "health.text": "{emoji} El bot está {state}.",
    "health.good": "bien",
    "health.bad": "mal",
    "health.app": "• esta app: `{instance}`, en marcha desde hace {age}, {transport}",
    "health.socket": "Socket Mode, {count} conexiones de esta app en total",
    "health.strange-connection": "• :warning: Slack cuenta {connections} conexiones y hay {apps} apps nuestras "
    "en marcha: otro se lleva una parte de los comandos, así que las correcciones están en pausa",
    "health.not-counted": "• :warning: últimamente nadie pudo contar las conexiones, así que las correcciones "
    "están en pausa",
    "health.http": "HTTP firmado",
    "health.redis": "• almacén de trabajos (Redis): responde en {ms} ms",
    "health.no-redis": "• almacén de trabajos (Redis): no responde",
    "health.workers": "• workers: {count}; en curso {running}, en cola {queued}",
    "health.no-workers": "• workers: ninguno, así que no se comprueba nada; inicie `pvo worker`",
    "health.cards": "• mensajes por entregar: {count}",
}
