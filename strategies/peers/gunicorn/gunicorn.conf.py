"""How gunicorn serves: https://docs.gunicorn.org/en/stable/settings.html"""

import service

bind = "{{ address }}"
workers = {{ worker_count }}
worker_class = "gthread"
threads = 1
# The kernel limits the backlog to net.core.somaxconn.
backlog = 65535
worker_connections = 65536
keepalive = 3600
# A worker that is busy with a long request is not stuck.
timeout = 0
graceful_timeout = 2
# The heartbeat files of the workers stay in the folder of this deployment.
worker_tmp_dir = "{{ folder }}"
control_socket_disable = True
# Without `accesslog` nothing is logged.
loglevel = "warning"


def post_worker_init(worker):
    service.ready()
