/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status_print - the status and audit objects of INTERFACE section 5 as text.
 */
#ifndef MASTER_CLI_STATUS_PRINT_H
#define MASTER_CLI_STATUS_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Borrow their objects; what is not there is not shown. */
void	status_print(FILE *out, const json_t *status);
void	audit_print(FILE *out, const json_t *audit);
void	quarantine_print(FILE *out, const json_t *quarantine);

#endif
