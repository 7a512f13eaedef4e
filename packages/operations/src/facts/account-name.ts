/**
 * Names of users and groups, as the shadow tools take them: no sign that an option, a path or a line of the databases
 * could be mistaken for. A $ at the end is that of a Samba machine.
 */
export const ACCOUNT_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/
