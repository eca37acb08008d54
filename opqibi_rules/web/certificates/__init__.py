"""« Certificat » and « Certificats »: verdicts on saved answers, one or many, and the files that their pages keep."""
