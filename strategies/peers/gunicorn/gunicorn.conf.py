"""How gunicorn serves: https://docs.gunicorn.org/en/stable/settings.html"""

import service

bind = "{{ address }}"
workers = {{ worker_count }}
worker_class = "gthread"
threads = 1
# As of net.core.somaxconn the kernel takes no more of a backlog than it allows.
backlog = 65535
worker_connections = 65536
keepalive = 3600
# A worker that is kept by a long request is not stuck.
timeout = 0
graceful_timeout = 2
# Heartbeats of workers, and nothing in the folders of others.
worker_tmp_dir = "{{ folder }}"
control_socket_disable = True
# Without `accesslog` nothing is logged.
loglevel = "warning"


def post_worker_init(worker):
    service.ready()
