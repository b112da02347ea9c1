"""What people agreed to: consent records, authority to sign, the fold over events. Pure; decides nothing about release."""
