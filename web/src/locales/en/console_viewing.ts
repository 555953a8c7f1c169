export const console_viewing = {
  "console_viewing.begin": "View as",
  "console_viewing.title": "See the app as {name} does",
  "console_viewing.text": "Read-only, for 60 minutes at most. It is in the audit log, with every workspace you open. Chats, files and exports are not shown.",
  "console_viewing.begun": "You see the app as this customer does.",
  "viewing.banner": "Read-only: {staff} sees the app as {user} ({email}) does, until {until}. It is on record.",
  "viewing.loading": "Read-only: you see the app as a customer does.",
  "viewing.end": "End",
  "viewing.no_files": "Files and exports are no part of a viewing.",
} as const;
