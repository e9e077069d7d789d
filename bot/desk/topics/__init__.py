"""Staff in Telegram: the desk's other door, a group with a topic for every conversation that was handed over.

`links` knows whose Telegram account it is, `team` takes what happens in the group, `acts` does what staff write there;
`mirror` makes the topics follow the conversations, `due` says what is to be done next, `package` words the handoff.
"""
