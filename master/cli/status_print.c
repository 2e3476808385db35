/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status_print - the status and audit objects of INTERFACE section 5 as text.
 *
 * Tables decide what is shown and how; a server that says more or less than
 * this version knows is shown as far as it goes.
 */
#include <stdarg.h>
#include <stdbool.h>

#include "master/cli/status_print.h"
#include "master/cli/table.h"

static const struct table_column worker_columns[] = {
	{ "slot", "WORKER", TABLE_COUNT },
	{ "pid", "PID", TABLE_COUNT },
	{ "keeper_pid", "KEEPER", TABLE_COUNT },
	{ "state", "STATE", TABLE_TEXT },
	{ "role", "ROLE", TABLE_TEXT },
	{ "generation", "GEN", TABLE_COUNT },
	{ "connections", "OPEN", TABLE_COUNT },
	{ "accepted", "ACCEPTED", TABLE_COUNT },
	{ "requests", "REQUESTS", TABLE_COUNT },
	{ "restarts", "RESTARTS", TABLE_COUNT },
	{ "rss_bytes", "RSS", TABLE_BYTES },
	{ "cpu_seconds", "CPU", TABLE_REAL },
	{ "last_exit", "LAST EXIT", TABLE_TEXT },
	{ NULL, NULL, TABLE_TEXT },
};

static const struct table_column service_columns[] = {
	{ "name", "SERVICE", TABLE_TEXT },
	{ "handler", "HANDLER", TABLE_TEXT },
	{ "connections", "OPEN", TABLE_COUNT },
	{ "accepted", "ACCEPTED", TABLE_COUNT },
	{ "closed", "CLOSED", TABLE_SUM },
	{ "rejected", "REJECTED", TABLE_SUM },
	{ "requests", "REQUESTS", TABLE_COUNT },
	{ "bytes_in", "IN", TABLE_BYTES },
	{ "bytes_out", "OUT", TABLE_BYTES },
	{ "latency_us.p50", "P50 US", TABLE_COUNT },
	{ "latency_us.p99", "P99 US", TABLE_COUNT },
	{ NULL, NULL, TABLE_TEXT },
};

static const struct table_column listener_columns[] = {
	{ "address", "LISTENER", TABLE_TEXT },
	{ "service", "SERVICE", TABLE_TEXT },
	{ "queue", "QUEUE", TABLE_COUNT },
	{ "backlog", "BACKLOG", TABLE_COUNT },
	{ "drops", "DROPS", TABLE_COUNT },
	{ "queue_wait_ms.p50", "WAIT P50 MS", TABLE_COUNT },
	{ "queue_wait_ms.p99", "WAIT P99 MS", TABLE_COUNT },
	{ "queue_wait_ms.max", "WAIT MAX MS", TABLE_COUNT },
	{ NULL, NULL, TABLE_TEXT },
};

static const struct table_column slot_columns[] = {
	{ "slot", "WORKER", TABLE_COUNT },
	{ "accepted", "ACCEPTED", TABLE_COUNT },
	{ "closed", "CLOSED", TABLE_COUNT },
	{ "rejected", "REJECTED", TABLE_COUNT },
	{ "handed", "HANDED", TABLE_COUNT },
	{ "open", "OPEN", TABLE_COUNT },
	{ "lost", "LOST", TABLE_COUNT },
	{ "rows_without_fd", "ROW ONLY", TABLE_COUNT },
	{ "fds_without_row", "FD ONLY", TABLE_COUNT },
	{ "answered", "ANSWERED", TABLE_TEXT },
	{ "balances", "BALANCES", TABLE_TEXT },
	{ NULL, NULL, TABLE_TEXT },
};

static const struct table_column client_columns[] = {
	{ "client", "REFUSED", TABLE_TEXT },
	{ "since", "SINCE", TABLE_TEXT },
	{ "until", "UNTIL", TABLE_TEXT },
	{ "crashes", "CRASHES", TABLE_COUNT },
	{ NULL, NULL, TABLE_TEXT },
};

/* What stands in the server line, in its order. */
static const struct word {
	const char *key, *before;
} server_words[] = {
	{ "version", "belay " },
	{ "state", " " },
	{ "pid", ", pid " },
	{ "master_pid", ", master " },
	{ "generation", ", generation " },
	{ "engine", ", engine " },
	{ "started", ", since " },
};

static void
print_words(FILE *out, const json_t *object)
{
	const struct word *w = server_words;
	char text[TABLE_CELL_MAX];
	size_t i;

	for (i = 0; i < sizeof(server_words) / sizeof(*w); i++, w++) {
		const json_t *value = table_member(object, w->key);

		if (json_is_string(value))
			fprintf(out, "%s%s", w->before,
			    table_text(json_string_value(value), text));
		else if (json_is_integer(value))
			fprintf(out, "%s%lld", w->before,
			    (long long)json_integer_value(value));
	}
	fputc('\n', out);
}

/* A blank line, then the table, if there is one. */
static void
print_part(FILE *out, const json_t *rows, const struct table_column *columns)
{
	if (json_array_size(rows) == 0)
		return;
	fputc('\n', out);
	table_print(out, rows, columns);
}

/* All services' listeners in one array, each with its service's name.  Returns
 * a new reference, NULL when memory ends. */
static json_t *
gather_listeners(const json_t *services)
{
	json_t *all = json_array(), *service, *listener, *copy;
	size_t i, j;

	json_array_foreach(services, i, service) {
		json_array_foreach(json_object_get(service, "listeners"), j,
		    listener) {
			copy = json_copy(listener);
			json_object_set(copy, "service",
			    json_object_get(service, "name"));
			json_array_append_new(all, copy);
		}
	}
	return all;
}

static void
print_reasons(FILE *out, const json_t *services)
{
	static const char *const keys[] = { "closed", "rejected" };
	char head[TABLE_CELL_MAX + 16], text[TABLE_CELL_MAX];
	json_t *service;
	size_t i, j;

	json_array_foreach(services, i, service) {
		const char *name = json_string_value(
		    json_object_get(service, "name"));

		for (j = 0; j < sizeof(keys) / sizeof(keys[0]); j++) {
			snprintf(head, sizeof(head), "%s %s: ",
			    table_text(name != NULL ? name : "-", text),
			    keys[j]);
			table_print_counts(out, head,
			    json_object_get(service, keys[j]));
		}
	}
}

static void
print_ledger(FILE *out, const json_t *ledger)
{
	static const struct word terms[] = {
		{ "accepted", "" }, { "closed", " = " }, { "rejected", " + " },
		{ "handed", " + " }, { "open", " + " }, { "lost", " + " },
	};
	size_t i;

	if (!json_is_integer(json_object_get(ledger, "accepted")))
		return;
	for (i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
		fprintf(out, "%s%s %lld", terms[i].before, terms[i].key,
		    (long long)json_integer_value(
		    json_object_get(ledger, terms[i].key)));
	fputc('\n', out);
}

void
status_print(FILE *out, const json_t *status)
{
	const json_t *services = json_object_get(status, "services");
	json_t *listeners = gather_listeners(services);

	print_words(out, status);
	print_part(out, json_object_get(status, "workers"), worker_columns);
	print_part(out, services, service_columns);
	print_part(out, listeners, listener_columns);
	print_part(out, json_object_get(status, "quarantine"), client_columns);
	fputc('\n', out);
	print_reasons(out, services);
	table_print_counts(out, "tcp: ", json_object_get(status, "tcp"));
	print_ledger(out, json_object_get(status, "ledger"));
	json_decref(listeners);
}

void
audit_print(FILE *out, const json_t *audit)
{
	const json_t *slots = json_object_get(audit, "slots");

	table_print(out, slots, slot_columns);
	if (json_array_size(slots) > 0)
		fputc('\n', out);
	print_ledger(out, audit);
	fputs(json_is_true(json_object_get(audit, "balances")) ?
	    "the ledger balances\n" : "the ledger does NOT balance\n", out);
}

void
quarantine_print(FILE *out, const json_t *quarantine)
{
	const json_t *clients = json_object_get(quarantine, "clients");
	long long lifted = (long long)json_integer_value(
	    json_object_get(quarantine, "lifted"));

	if (lifted > 0)
		fprintf(out, "%lld admitted again\n", lifted);
	if (json_array_size(clients) == 0)
		fputs("nobody is refused\n", out);
	else
		table_print(out, clients, client_columns);
}
