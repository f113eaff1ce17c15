"""Every span, attribute and metric name, in one place. They follow OpenTelemetry's messaging conventions.

None of their values may be about a patient: ids of events, types, counts and services only.
"""

SPAN_RECEIVE = "receive clinic event"
SPAN_PROCESS = "process {service}"
SPAN_WORK = "work {service}"

MESSAGING_SYSTEM = "messaging.system"
MESSAGING_OPERATION = "messaging.operation.name"
MESSAGING_BATCH_COUNT = "messaging.batch.message_count"
MESSAGING_DESTINATION = "messaging.destination.name"
MESSAGING_CONSUMER = "messaging.consumer.group.name"
MESSAGING_MESSAGE_ID = "messaging.message.id"
EVENT_TYPE = "claimtrail.event.type"
EVENT_POSITION = "claimtrail.event.position"
OUTCOME = "claimtrail.ingest.outcome"
ERROR_TYPE = "error.type"

METRIC_PROCESSED = "claimtrail.events.processed"
METRIC_INGESTED = "claimtrail.events.ingested"
METRIC_DEAD_LETTERS = "claimtrail.dead_letters"
METRIC_BATCH_SECONDS = "claimtrail.batch.duration"
