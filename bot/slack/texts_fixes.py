"""Sentences about fixes: the plan, the request, who may decide, and what became of it."""

FIXES: dict[str, str] = {
    # the plan
    "plan.title": "*{title}*",
    "plan.appliance": "*Appliance*\n`{name}` ({product})",
    "plan.finding": "*Finding*\n`{finding}` on {subject}",
    "plan.risk": "*Risk*\n{risk}",
    "plan.approvals": "*Approvals needed*\n{count}, not by the requester",
    "plan.lines": "Exactly these lines are sent",
    "plan.no-undo": "There is no way back.",
    "plan.mode": "The session is in {mode} mode of its cluster.",
    "plan.sites": "The appliance also serves {sites}.",
    "plan.others": "Logged in there besides pvo: {others}.",
    "plan.others-unknown": "Who else is logged in there could not be told.",
    "plan.endpoint": "It is logged in to at {host}:{port}, whose host key is {key}.",
    "plan.alone": "Nobody else is logged in there.",
    "plan.seen": (
        "Drawn from what the appliance said at {time} UTC ({age}). It is drawn again just before it runs; "
        "if anything in it has changed, nothing is sent."
    ),
    # asking for it
    "fix.button": "Fix…",
    "fix.button.label": "Fix on {subject}: {title}",
    "fix.later": "The bot may do this fix: press *Check again* on the card and ask for it in the new thread.",
    "fix.title": "Fix",
    "fix.loading": ":hourglass_flowing_sand: A worker asks the appliances again and draws the plan…",
    "fix.submit": "Ask for approval",
    "fix.close": "Cancel",
    "fix.why": "Why now",
    "fix.why.hint": "The approvers read this, and it stays on the record",
    "fix.why-missing": "Say why: the approvers read it.",
    "fix.busy": ":hourglass_flowing_sand: Asking for approval…",
    "fix.gone": "This fix is not offered any more. Run `/pvo check SITE` again.",
    "fix.waits": "This is asked for already; its request stands in <#{channel}>. `/pvo pending` links to it.",
    "fix.twice": "Approval was asked for already. Begin again from the finding.",
    "fix.no-worker": (
        "No worker drew the plan in time. See `/pvo health` for whether one runs that takes remediations, then "
        "try again."
    ),
    "fix.too-long": (
        "The lines are too long to be shown here in full, so nobody can approve them: a person types them."
    ),
    "fix.place": "The request cannot be posted in <#{channel}>. {reason}",
    "fix.requested": (
        ":white_check_mark: The request goes to <#{channel}>. The card of the run tells what becomes of it."
    ),
    "fix.undo": "Take it back…",
    "fix.undo.label": "Take it back: {title}",
    # its request
    "request.text": "{site}: {title} on {appliance} – {state}",
    "request.header": "{emoji} {site}: {state}",
    "request.asked": "<@{user}> asks for it: {reason}",
    "request.approved": ":white_check_mark: approved by <@{user}>, {time} UTC",
    "request.rejected": ":no_entry: rejected by <@{user}>, {time} UTC",
    "request.state": "{emoji} *{state}*",
    "request.waits": "Needs {approvals} from {approvers}; expires {time} UTC",
    "request.used": ":key: A worker uses the approval now. It works once: this reply is what says so.",
    "request.approve": "Approve…",
    "request.approve.label": "Approve: {title}",
    "request.reject": "Reject…",
    "request.reject.label": "Reject: {title}",
    # deciding
    "approve.title": "Approve",
    "approve.submit": "Approve",
    "approve.loading": ":hourglass_flowing_sand: Reading the plan…",
    "approve.meaning": "With the last approval that is needed a worker sends these lines, once.",
    "approve.busy": ":hourglass_flowing_sand: Recording your decision…",
    "approve.done": ":white_check_mark: Approved. A worker checks everything once more and then sends the lines.",
    "approve.more": ":white_check_mark: Approved. It still needs {approvals} from somebody else.",
    "reject.title": "Reject",
    "reject.submit": "Reject",
    "reject.done": ":no_entry: Rejected. Nothing was sent.",
    "count.approval.one": "{count} approval",
    "count.approval.many": "{count} approvals",
    # what became of it
    "fix.line": "{emoji} *{state}*: {title} on `{appliance}`, asked for by <@{user}>.",
    "fix.header": " – fix {state}",
    "fix.state.proposed": "plan being drawn",
    "fix.state.planned": "planned",
    "fix.state.requested": "approval wanted",
    "fix.state.queued": "approved, about to run",
    "fix.state.started": "lines being sent",
    "fix.state.waiting": "waiting for proof",
    "fix.state.verified": "verified",
    "fix.state.undone": "verified (taken back)",
    "fix.state.not-resolved": "not resolved",
    "fix.state.could-not-tell": "could not tell",
    "fix.state.rejected": "rejected",
    "fix.state.refused": "refused",
    "fix.state.expired": "expired",
    "fix.state.lapsed": "lapsed",
    # what waits
    "pending.text": "Waiting: {count}",
    "pending.none": "Nothing waits for approval, for a worker or for proof.",
    "pending.line": "{emoji} *{title}* on `{appliance}`, {site}: {state}; asked for by <@{user}>",
    "pending.until": "; needs {approvals}, expires {time} UTC",
    "pending.link": "<{url}|see it>",
    "pending.more": "… and {count} more.",
    "home.pending": "Waiting for people or proof",
}
