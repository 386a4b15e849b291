"""Social workers (社会工作者): exams, certificates, registration, posts, allowances."""
