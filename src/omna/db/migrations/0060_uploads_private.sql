-- What belongs to a chat is read by its author and those the chat is shared with: not by who pays, not by staff.

ALTER TABLE uploads ADD COLUMN private boolean NOT NULL DEFAULT false;
